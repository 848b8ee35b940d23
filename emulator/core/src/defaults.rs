//! The names in the default seed. The settings make them public.

pub(crate) const FLEET_ID: &str = "fleet-11111111-2222-3333-4444-555555555555";
pub(crate) const LOCATION: &str = "custom-home";
pub(crate) const COMPUTE_NAME: &str = "local-compute";
pub(crate) const QUEUE: &str = "local-queue";
pub(crate) const RULE_SET: &str = "local-rules";
pub(crate) const RULE_SET_BODY: &str = include_str!("../../examples/flexmatch/local-rules.json");
pub(crate) const MATCHMAKING_CONFIGURATION: &str = "local-matchmaker";
pub(crate) const GAME_SERVER_GROUP: &str = "local-group";
pub(crate) const INSTANCE_ID: &str = "i-0123456789abcdef0";
pub(crate) const STREAM_GROUP_ID: &str = "sg-Local0001";
pub(crate) const APPLICATION_ID: &str = "a-Local0001";
