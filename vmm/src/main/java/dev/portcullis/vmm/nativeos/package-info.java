/// An operating system that has a machine for itself, no monitor below it: each of its drivers has
/// a domain of its own, so that a driver's mistake with DMA harms nobody, and is found. Start with
/// [NativeSystem].
package dev.portcullis.vmm.nativeos;
