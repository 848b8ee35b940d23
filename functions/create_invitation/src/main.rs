//! The `create_invitation` function.

use create_invitation::CreateInvitation;
use shared::{invitation::InvitationKey, lambda};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda::run(async || {
        let key = InvitationKey::from_env()?.ok_or_else(InvitationKey::missing)?;
        Ok(CreateInvitation::new(key))
    })
    .await
}
