package dev.portcullis.vmm.platform;

import dev.portcullis.pci.RequesterId;

/// A network card that the monitor plays, at one end of a cable.
///
/// @param partition whose it is
/// @param at where its partition finds it
/// @param mac its address, 48 bits, the first byte on the wire highest
/// @param cable number of the cable
public record VirtualCard(String partition, RequesterId at, long mac, int cable) {}
