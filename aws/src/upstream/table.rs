//! The meaning of every exception that AWS models for an operation that Liftgate calls. The code, its tests, the
//! fault matrix and `docs/errors.md` are all made from this table.
//!
//! A new operation is a new block: the SDK and its module, the operation, the SDK's error type, and the exceptions in
//! alphabetical order. A missing exception fails a test. A sentence for the developer may follow an exception's code,
//! if the operation tells more than the code does.

/// Passes the table to the macro `$define`.
macro_rules! table {
    ($define:ident) => {
        $define! {
            aws_sdk_gamelift::list_fleets ListFleets ListFleetsError {
                InternalServiceException => UpstreamError,
                // Liftgate has checked everything that a player can shape in this request, so the fault is
                // Liftgate's. The same holds for the other rows that look like this one.
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::describe_fleet_attributes DescribeFleetAttributes DescribeFleetAttributesError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::resolve_alias ResolveAlias ResolveAliasError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => NoFleet,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::list_compute ListCompute ListComputeError {
                InternalServiceException => UpstreamError,
                // This operation has no NotFoundException: an unknown fleet is an invalid request.
                InvalidRequestException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::create_game_session CreateGameSession CreateGameSessionError {
                ConflictException => UpstreamError,
                FleetCapacityExceededException => NoCapacity,
                IdempotentParameterMismatchException => IdempotencyKeyReused,
                InternalServiceException => UpstreamError,
                InvalidFleetStatusException => FleetNotActive,
                InvalidRequestException => BackendMisconfigured
                    "CreateGameSession did not take the game session, with InvalidRequestException. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason.",
                LimitExceededException => LimitExceeded
                    "CreateGameSession reached a limit: of the fleet's game session creation policy, or of the account. Raise it, or wait.",
                NotFoundException => NoFleet,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::describe_game_sessions DescribeGameSessions DescribeGameSessionsError {
                InternalServiceException => UpstreamError,
                // The id comes from the player, and only GameLift can check it. The same holds for player sessions
                // and placements.
                InvalidRequestException => InvalidRequest,
                NotFoundException => SessionNotFound,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::describe_game_session_details DescribeGameSessionDetails DescribeGameSessionDetailsError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => NoFleet,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::search_game_sessions SearchGameSessions SearchGameSessionsError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => NoFleet,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::terminate_game_session TerminateGameSession TerminateGameSessionError {
                InternalServiceException => UpstreamError,
                InvalidGameSessionStatusException => SessionNotJoinable,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => SessionNotFound,
                NotReadyException => UpstreamUnavailable,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::create_player_sessions CreatePlayerSessions CreatePlayerSessionsError {
                GameSessionFullException => SessionFull,
                InternalServiceException => UpstreamError,
                InvalidGameSessionStatusException => SessionNotJoinable,
                InvalidRequestException => InvalidRequest,
                NotFoundException => SessionNotFound,
                TerminalRoutingStrategyException => NoFleet,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::describe_player_sessions DescribePlayerSessions DescribePlayerSessionsError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => InvalidRequest,
                NotFoundException => SessionNotFound,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::start_game_session_placement StartGameSessionPlacement StartGameSessionPlacementError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured
                    "StartGameSessionPlacement did not take the placement, with InvalidRequestException. Check LIFTGATE_QUEUE. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason.",
                // The queue is configuration.
                NotFoundException => BackendMisconfigured
                    "StartGameSessionPlacement found no such queue. Check LIFTGATE_QUEUE.",
                UnauthorizedException => BackendNotPermitted,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::describe_game_session_placement DescribeGameSessionPlacement DescribeGameSessionPlacementError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => InvalidRequest,
                NotFoundException => SessionNotFound
                    "No placement has this id. It may have ended long ago.",
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::stop_game_session_placement StopGameSessionPlacement StopGameSessionPlacementError {
                InternalServiceException => UpstreamError,
                // The game session has been placed already.
                InvalidRequestException => SessionNotJoinable,
                NotFoundException => SessionNotFound
                    "No placement has this id. It may have ended long ago.",
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::start_matchmaking StartMatchmaking StartMatchmakingError {
                InternalServiceException => UpstreamError,
                // The id is taken, or FlexMatch does not take attributes or latencies. Who calls looks which of them.
                InvalidRequestException => InvalidRequest
                    "StartMatchmaking did not take the search, with InvalidRequestException. Compare the attributes with those that the rule set declares. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason.",
                NotFoundException => BackendMisconfigured
                    "StartMatchmaking found no such matchmaking configuration in this Region. Check LIFTGATE_MATCHMAKING_CONFIGURATIONS.",
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::describe_matchmaking DescribeMatchmaking DescribeMatchmakingError {
                InternalServiceException => UpstreamError,
                // Liftgate asks only for tickets with ids that it has made.
                InvalidRequestException => BackendMisconfigured,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::stop_matchmaking StopMatchmaking StopMatchmakingError {
                InternalServiceException => UpstreamError,
                // The match is PLACING, or the ticket has ended. Who calls looks which of them.
                InvalidRequestException => InvalidRequest
                    "StopMatchmaking did not stop the search: its match is being placed, or it has ended.",
                // GameLift forgets ended tickets.
                NotFoundException => InvalidRequest
                    "StopMatchmaking found no such ticket. It may have ended long ago.",
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::accept_match AcceptMatch AcceptMatchError {
                InternalServiceException => UpstreamError,
                // There is no match to accept: it has been accepted or rejected by all, or its time is over.
                InvalidRequestException => InvalidRequest
                    "AcceptMatch did not take the answer: no match waits for it.",
                NotFoundException => InvalidRequest
                    "AcceptMatch found no such ticket. It may have ended long ago.",
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::register_game_server RegisterGameServer RegisterGameServerError {
                ConflictException => GameServerConflict,
                InternalServiceException => UpstreamError,
                // Only GameLift can tell whether the instance belongs to the group, and which status may follow
                // which. The same holds for the other calls of game servers.
                InvalidRequestException => InvalidRequest
                    "RegisterGameServer did not take the game server. See that the group exists and is ACTIVE, and that instance_id is one of its instances and not shutting down.",
                LimitExceededException => LimitExceeded,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::update_game_server UpdateGameServer UpdateGameServerError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => InvalidRequest
                    "UpdateGameServer did not take the update. A game server that is UTILIZED never becomes AVAILABLE again: deregister it, and register the next one.",
                NotFoundException => GameServerNotFound,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::deregister_game_server DeregisterGameServer DeregisterGameServerError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => InvalidRequest,
                NotFoundException => GameServerNotFound,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::describe_game_server DescribeGameServer DescribeGameServerError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => InvalidRequest,
                NotFoundException => GameServerNotFound,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::list_game_servers ListGameServers ListGameServersError {
                InternalServiceException => UpstreamError,
                // The group is configuration, here and for a claim.
                InvalidRequestException => BackendMisconfigured
                    "ListGameServers did not take the call, with InvalidRequestException, as for a game server group that does not exist. Check LIFTGATE_GAME_SERVER_GROUP and LIFTGATE_GAME_SERVER_GROUPS.",
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::claim_game_server ClaimGameServer ClaimGameServerError {
                // Another caller has got the same game server.
                ConflictException => GameServerConflict
                    "Somebody else has got the game server. Try again.",
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured
                    "ClaimGameServer did not take the claim, with InvalidRequestException. Check LIFTGATE_GAME_SERVER_GROUP. With LIFTGATE_EXPOSE_ERRORS=true the answer has GameLift's reason.",
                NotFoundException => BackendMisconfigured
                    "ClaimGameServer found no such game server group. Check LIFTGATE_GAME_SERVER_GROUP.",
                OutOfCapacityException => NoCapacity
                    "Every game server of the group is claimed or utilized, or on an instance that is going away. Wait for one to register, or let the group grow.",
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gameliftstreams::start_stream_session StartStreamSession StartStreamSessionError {
                AccessDeniedException => BackendNotPermitted,
                // This exception and ResourceNotFoundException concern the stream group or the application, which are
                // configuration.
                ConflictException => StreamMisconfigured,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamMisconfigured,
                ThrottlingException => RateLimited,
                // Among the values that a player shapes, only the offer is unchecked, here and in a connection.
                ValidationException => InvalidSignalRequest,
            }
            aws_sdk_gameliftstreams::get_stream_session GetStreamSession GetStreamSessionError {
                AccessDeniedException => BackendNotPermitted,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamNotFound,
                ThrottlingException => RateLimited,
                ValidationException => StreamNotFound,
            }
            aws_sdk_gameliftstreams::create_stream_session_connection CreateStreamSessionConnection CreateStreamSessionConnectionError {
                AccessDeniedException => BackendNotPermitted,
                ConflictException => StreamInUse,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamNotFound,
                ThrottlingException => RateLimited,
                ValidationException => InvalidSignalRequest,
            }
            aws_sdk_gameliftstreams::list_stream_sessions ListStreamSessions ListStreamSessionsError {
                AccessDeniedException => BackendNotPermitted,
                InternalServerException => UpstreamError,
                // The call names only the stream group or the application; so do the other look-ups.
                ResourceNotFoundException => StreamMisconfigured,
                ThrottlingException => RateLimited,
                ValidationException => StreamMisconfigured,
            }
            aws_sdk_gameliftstreams::terminate_stream_session TerminateStreamSession TerminateStreamSessionError {
                AccessDeniedException => BackendNotPermitted,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamNotFound,
                ThrottlingException => RateLimited,
                // An ACTIVATING stream session cannot be ended.
                ValidationException => ReconnectInProgress
                    "GameLift Streams does not end the stream session now, as none that is still ACTIVATING. Try again in a moment.",
            }
            aws_sdk_gameliftstreams::get_stream_group GetStreamGroup GetStreamGroupError {
                AccessDeniedException => BackendNotPermitted,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamMisconfigured,
                ThrottlingException => RateLimited,
                ValidationException => StreamMisconfigured,
            }
            aws_sdk_gameliftstreams::get_application GetApplication GetApplicationError {
                AccessDeniedException => BackendNotPermitted,
                InternalServerException => UpstreamError,
                ResourceNotFoundException => StreamMisconfigured,
                ThrottlingException => RateLimited,
                ValidationException => StreamMisconfigured,
            }
            // Only /health looks at these three. It tells what does not exist before an exception counts.
            aws_sdk_gamelift::describe_game_session_queues DescribeGameSessionQueues DescribeGameSessionQueuesError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => BackendMisconfigured,
                UnauthorizedException => BackendNotPermitted,
            }
            aws_sdk_gamelift::describe_matchmaking_configurations DescribeMatchmakingConfigurations DescribeMatchmakingConfigurationsError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                UnsupportedRegionException => BackendMisconfigured,
            }
            aws_sdk_gamelift::describe_game_server_group DescribeGameServerGroup DescribeGameServerGroupError {
                InternalServiceException => UpstreamError,
                InvalidRequestException => BackendMisconfigured,
                NotFoundException => BackendMisconfigured,
                UnauthorizedException => BackendNotPermitted,
            }
            // A secret's ARN is configuration. Who reads one adds the variable that has it.
            aws_sdk_secretsmanager::get_secret_value GetSecretValue GetSecretValueError {
                DecryptionFailure => BackendNotPermitted
                    "GetSecretValue cannot decrypt the secret. Allow kms:Decrypt with the secret's key in the policy of the function's role, and the role in the key's policy.",
                InternalServiceError => UpstreamError,
                InvalidParameterException => BackendMisconfigured
                    "GetSecretValue did not take the secret's name. Set the secret's ARN.",
                InvalidRequestException => BackendMisconfigured
                    "GetSecretValue does not give this secret: it is scheduled for deletion, or another service manages it.",
                ResourceNotFoundException => BackendMisconfigured
                    "GetSecretValue found no such secret in this account and Region, or none of its versions is AWSCURRENT.",
            }
            aws_sdk_dynamodb::get_item GetItem GetItemError {
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ProvisionedThroughputExceededException => RateLimited,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "GetItem found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
            }
            aws_sdk_dynamodb::query Query QueryError {
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ProvisionedThroughputExceededException => RateLimited,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "Query found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
            }
            aws_sdk_dynamodb::put_item PutItem PutItemError {
                // An answer for the store, which reads it first. The same holds for the other writes.
                ConditionalCheckFailedException => Internal,
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ItemCollectionSizeLimitExceededException => UpstreamError,
                ProvisionedThroughputExceededException => RateLimited,
                ReplicatedWriteConflictException => UpstreamUnavailable,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "PutItem found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
                TransactionConflictException => UpstreamUnavailable,
            }
            aws_sdk_dynamodb::update_item UpdateItem UpdateItemError {
                ConditionalCheckFailedException => Internal,
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ItemCollectionSizeLimitExceededException => UpstreamError,
                ProvisionedThroughputExceededException => RateLimited,
                ReplicatedWriteConflictException => UpstreamUnavailable,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "UpdateItem found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
                TransactionConflictException => UpstreamUnavailable,
            }
            aws_sdk_dynamodb::delete_item DeleteItem DeleteItemError {
                ConditionalCheckFailedException => Internal,
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ItemCollectionSizeLimitExceededException => UpstreamError,
                ProvisionedThroughputExceededException => RateLimited,
                ReplicatedWriteConflictException => UpstreamUnavailable,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "DeleteItem found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
                TransactionConflictException => UpstreamUnavailable,
            }
            aws_sdk_dynamodb::transact_write_items TransactWriteItems TransactWriteItemsError {
                // The SDK makes a token for each call.
                IdempotentParameterMismatchException => UpstreamError,
                InternalServerError => UpstreamError,
                InvalidEndpointException => BackendMisconfigured,
                ProvisionedThroughputExceededException => RateLimited,
                RequestLimitExceeded => RateLimited,
                ResourceNotFoundException => BackendMisconfigured
                    "TransactWriteItems found no such table in this account and Region. Check the name of the store's table.",
                ThrottlingException => RateLimited,
                // The store reads the reasons first.
                TransactionCanceledException => Internal,
                TransactionInProgressException => UpstreamUnavailable,
            }
            aws_sdk_apigatewaymanagement::post_to_connection PostToConnection PostToConnectionError {
                ForbiddenException => BackendNotPermitted
                    "Allow execute-api:ManageConnections on the WebSocket API in the policy of the function's role, and check LIFTGATE_CONNECTIONS_URL.",
                // Who posts reads this one first.
                GoneException => Internal,
                LimitExceededException => RateLimited
                    "API Gateway takes no more messages now: of the account, or of a client that reads too slowly.",
                PayloadTooLargeException => BodyTooLarge
                    "The message is larger than the 128 KB that API Gateway takes.",
            }
            aws_sdk_apigatewaymanagement::delete_connection DeleteConnection DeleteConnectionError {
                ForbiddenException => BackendNotPermitted
                    "Allow execute-api:ManageConnections on the WebSocket API in the policy of the function's role, and check LIFTGATE_CONNECTIONS_URL.",
                // Who closes reads this one first.
                GoneException => Internal,
                LimitExceededException => RateLimited,
            }
        }
    };
}

pub(crate) use table;
