/// Station 9 of a DMA: the bytes at the end of the way. Start with [MemoryMap].
package dev.portcullis.memory;
