//! The cells that the functions do not pass yet. The test fails for one that does, until it has left the
//! list; a `*` stands for all cells of a group.

pub(crate) const KNOWN_GAPS: &[&str] = &[
    // The first look at a stream session is not repeated: one that fails for a moment fails the call.
    "reconnect to a stream / GetStreamSession: InternalServerException Once",
    "reconnect to a stream / GetStreamSession: ThrottlingException Once",
    "reconnect to a stream / GetStreamSession: Throttled Once",
    "reconnect to a stream / GetStreamSession: InternalError Once",
    "reconnect to a stream / GetStreamSession: Unavailable Once",
    "reconnect to a stream / GetStreamSession: Refused Once",
    "reconnect to a stream / GetStreamSession: Reset Once",
    "reconnect to a stream / GetStreamSession: LostAnswer Once",
    "reconnect to a stream / GetStreamSession: CutBody Once",
    "reconnect to a stream / GetStreamSession: Silence Once",
];
