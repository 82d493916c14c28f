/// The three ways to give a partition a device, side by side: the same work on each, and what it
/// costs. Start with [IoModels].
package dev.portcullis.vmm.iomodel;
