package dev.portcullis.devices.net;

/// What a network card has done.
///
/// @param sent frames that left for the wire
/// @param received frames that reached the driver's memory
/// @param dropped frames lost: nobody listened, too many waited, or they fitted nowhere
/// @param filtered frames that the driver did not want
/// @param blocked times a DMA was refused, each of which stopped the queues
/// @param broken times the driver's rings contradicted themselves, each of which stopped them too
public record Statistics(
    long sent, long received, long dropped, long filtered, long blocked, long broken) {}
