/// Invalidation of the translations that devices keep: requests, completions, time-outs.
package dev.portcullis.unit.devicetlb;
