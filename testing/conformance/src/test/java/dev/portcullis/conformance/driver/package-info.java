/// The driver on our unit: two readings of the architecture that test each other.
package dev.portcullis.conformance.driver;
