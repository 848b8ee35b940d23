//! Who a player is: tokens of other issuers, Liftgate's own tokens, and the keys of both.
