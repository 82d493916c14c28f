/// System software for a remapping unit: finds out what it can do, brings it up, and decides what
/// each device reaches. Start with [dev.portcullis.driver.RemappingDriver].
///
/// It knows a unit through registers and memory only, and so drives any.
package dev.portcullis.driver;
