/// Devices behind the unit: which domain each is attached to, and the table entries that say so.
package dev.portcullis.driver.device;
