package dev.portcullis.devices.nvme;

import dev.portcullis.devices.queue.PairOffer;

/// What outlives a controller reset: the blocks, and the books kept about them.
///
/// @param pairs how many queues it offers, and how busy they are
record Drive(
    NvmeOptions options, PairOffer pairs, Namespace namespace, ErrorLog errors, HealthLog health) {
  static final int TEMPERATURE_KELVIN = 310;
  static final int WARNING_KELVIN = 343;
  static final int CRITICAL_KELVIN = 353;
}
