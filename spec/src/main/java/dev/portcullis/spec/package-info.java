/// The words every other room uses to speak of bits.
package dev.portcullis.spec;
