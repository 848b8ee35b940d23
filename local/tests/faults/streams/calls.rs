//! What a request for a stream costs in calls of AWS, cold and warm. `bench` prints the same.
