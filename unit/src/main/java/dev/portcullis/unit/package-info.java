/// The unit's face. Start with [RemappingUnit]; the rooms behind it are the stations a DMA passes.
package dev.portcullis.unit;
