/// What the cable of a network card leads to.
package dev.portcullis.devices.wire;
