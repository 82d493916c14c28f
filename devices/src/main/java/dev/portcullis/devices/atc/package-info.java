/// A device's side of address translation services: what it knows of where its pages are, how it
/// forgets, and how it asks for pages that are missing. Start with [VirtualMemory].
package dev.portcullis.devices.atc;
