package dev.portcullis.vmm.event;

import java.util.Optional;

/// How a sink is doing.
///
/// @param name of the sink
/// @param waiting events that it has not taken yet
/// @param delivered events that it has taken
/// @param lost events that it never got
/// @param trouble why it takes none at the moment
public record SinkStatus(
    String name, int waiting, long delivered, long lost, Optional<String> trouble) {}
