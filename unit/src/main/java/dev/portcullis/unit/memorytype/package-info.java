/// How a device in the processor's coherency domain accesses a page: memory type and snooping, as
/// pure functions of what tables and registers say.
package dev.portcullis.unit.memorytype;
