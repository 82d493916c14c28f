/// Stations 3 and 4 of a DMA: from a function's upstream port to the unit that covers it, on to
/// memory or, for an interrupt, out of the machine. Start with [RootComplex].
package dev.portcullis.machine.wiring;
