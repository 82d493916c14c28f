/// What the driver needs from whoever runs it: registers, memory, pages. Implement [RegisterPort]
/// and [TableMemory] to drive another unit.
package dev.portcullis.driver.port;
