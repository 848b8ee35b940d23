//! `POST /create_invitation`: the caller's consent to be taken along in a party.
//!
//! The answer is an invitation that counts for two minutes. The leader of the party sends it with `uuids`, in
//! `invitations`. With `leader` it counts for that player alone. Nothing is stored: see [`shared::invitation`].

use std::time::SystemTime;

use serde_json::json;
use shared::{
    Answer, Call, Error, Route, RouteId,
    invitation::{InvitationKey, LIFETIME},
    player::UUID,
    request::{Member, Members, members::Text},
};

const LEADER: Member<Text> = {
    let Text { least, most } = UUID.takes;
    Member::text("leader", least..=most, "The only player who may take the caller along. Left out: anybody may.")
};

/// The members of the body.
pub const MEMBERS: Members = &[&UUID, &LEADER];

/// The route, for invitations signed with a key.
#[derive(Debug)]
pub struct CreateInvitation {
    key: InvitationKey,
}

impl CreateInvitation {
    /// Creates the route for invitations signed with `key`.
    pub fn new(key: InvitationKey) -> Self {
        Self { key }
    }
}

impl Route for CreateInvitation {
    const ID: RouteId = RouteId::CreateInvitation;

    async fn call(&self, call: Call) -> Result<Answer, Error> {
        let mut fields = call.fields()?;
        let uuid = call.uuid(&mut fields);
        let leader = fields.string(&LEADER);
        // A repeat makes another invitation, which is as good.
        call.terms(&mut fields);
        fields.check()?;
        let member = call.player(uuid)?;
        let invitation = self.key.invite(member.id(), leader.as_deref(), SystemTime::now());
        Ok(Answer::ok(json!({ "Invitation": invitation, "ExpiresIn": LIFETIME.as_secs() })))
    }
}
