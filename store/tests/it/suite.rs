//! The conformance suite: every case on every table.

macro_rules! suite {
    ($($topic:ident $(in $folder:ident)? { $($case:ident,)+ })+) => {
        mod memory {
            $(mod $topic {
                use crate::$($folder::)?$topic as cases;

                $(#[tokio::test(start_paused = true)]
                async fn $case() {
                    cases::$case(&crate::world::World::in_memory()).await;
                })+
            })+
        }

        mod dynamodb {
            $(mod $topic {
                use crate::$($folder::)?$topic as cases;

                $(#[tokio::test]
                #[ignore = "needs a DynamoDB: .ci/store.py"]
                async fn $case() {
                    let world = crate::world::World::in_dynamodb().await;
                    cases::$case(&world).await;
                    world.end().await;
                })+
            })+
        }
    };
}

suite! {
    starts in tickets {
        a_start_is_all_that_was_given,
        a_start_ends_at_its_deadline,
        a_player_who_is_named_twice_is_one,
        an_id_in_use_stays_its_tickets,
        an_id_that_is_none_has_no_ticket,
        a_large_request_is_kept_and_a_larger_one_refused,
        a_ticket_is_forgotten_after_a_day,
    }
    repeats in tickets {
        of_many_starts_with_one_key_one_makes_the_ticket,
        of_many_requests_with_one_key_one_counts,
        a_key_leads_to_one_ticket_whoever_comes_along,
        a_key_of_another_request_is_refused,
        a_match_that_still_has_a_place_is_started_anew_by_a_key_alone,
        only_a_start_that_nothing_is_in_the_way_of_takes_a_turn,
    }
    locks in tickets {
        a_party_with_a_searching_member_changes_nothing,
        of_many_parties_with_one_player_one_starts,
        after_an_end_the_player_may_start_again,
        a_placement_starts_beside_any_other_ticket,
        a_ticket_that_a_player_has_left_behind_is_forgotten,
    }
    news in tickets {
        news_in_any_order_come_to_the_same,
        two_news_of_one_moment_go_by_their_rank,
        a_match_after_another_in_one_moment_counts_in_any_order,
        of_two_ends_of_one_moment_the_same_counts_in_any_order,
        nothing_comes_after_an_end,
        an_end_counts_whatever_its_time,
        news_that_are_known_are_told_again,
        nobody_hears_news_of_no_ticket,
        a_match_leads_to_its_tickets,
        a_wish_to_stop_stays_until_the_end,
    }
    looks in tickets {
        of_many_who_would_look_one_may,
        a_look_takes_quiet_searches_along_and_no_others,
        a_search_that_a_look_leaves_is_as_quiet_as_before,
        a_search_that_a_look_has_left_is_taken_along_again_after_news,
        a_look_stands_in_until_the_next_event,
        a_ticket_that_looks_miss_is_left_to_whoever_can_end_it,
        quiet_tickets_are_found_the_quietest_first,
        tickets_that_are_over_hide_no_open_one,
    }
    line {
        a_line_keeps_its_order,
        two_of_one_moment_have_two_places,
        a_place_never_grows_and_is_none_too_small,
        a_repeated_start_takes_no_number,
        of_many_who_admit_one_sends_the_ticket,
        who_withdraws_is_out_of_the_line,
        who_is_asked_for_is_not_withdrawn_as_quiet,
        who_ended_while_waiting_is_not_in_the_way,
        admitted_or_withdrawn_never_both,
        places_that_are_over_hide_nobody,
        tickets_that_nobody_waits_for_are_found,
    }
    keys {
        of_many_calls_one_works_and_all_have_its_answer,
        a_dead_call_is_replaced_by_one,
        a_claimed_key_starts_the_ticket_of_its_holder,
        the_key_of_a_dead_call_starts_a_ticket,
        an_answered_key_starts_nothing,
        a_released_key_is_free_at_once,
        the_first_answer_counts,
        an_answer_is_good_for_its_time,
        a_key_is_of_one_player_and_one_request,
        an_answer_is_forgotten_after_a_day,
    }
    leases {
        of_many_one_has_the_lease,
        a_lease_is_renewed_by_its_holder_alone,
        a_lease_that_is_over_is_taken_by_one,
    }
    readings {
        a_reading_is_of_one_thing,
        what_a_later_look_saw_stays,
        readings_go_after_a_while,
        what_is_seen_again_is_written_once_a_minute,
    }
    sockets {
        a_token_connects_once,
        a_token_is_good_for_its_time,
        a_player_has_several_sockets,
        a_closed_socket_is_forgotten,
        the_oldest_sockets_beyond_the_limit_go,
        a_socket_is_not_told_to_close_itself,
        a_socket_that_is_being_opened_is_not_forgotten_as_gone,
        a_socket_whose_close_was_not_told_goes,
    }
    limits {
        of_many_at_once_as_many_pass_as_the_bucket_holds,
        never_more_than_the_rate_pass,
        who_waits_as_long_as_told_passes,
        without_a_limit_all_pass,
        several_tokens_are_taken_at_once_as_far_as_they_go,
        tokens_that_are_given_back_can_be_taken_again,
        a_bucket_of_another_rate_is_another_one,
        rates_that_are_no_whole_microseconds_come_out_even,
        turns_of_many_at_once_come_one_after_the_other,
        a_turn_that_would_come_too_late_is_not_taken,
    }
    slots {
        of_many_at_once_as_many_hold_as_there_are_slots,
        a_thing_has_one_slot,
        a_slot_that_is_let_go_is_free,
        a_slot_ends_by_itself,
        a_slot_is_passed_on_once,
        a_slot_that_many_pass_on_at_once_has_one_holder,
    }
}
