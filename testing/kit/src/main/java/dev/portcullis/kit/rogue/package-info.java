/// A device that does what devices must not do.
package dev.portcullis.kit.rogue;
