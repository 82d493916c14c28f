/// The far end of address translation services: functions that are told to forget, and are
/// answered.
package dev.portcullis.kit.ats;
