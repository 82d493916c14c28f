/// The machine's memory, handed out in pages.
package dev.portcullis.guest.memory;
