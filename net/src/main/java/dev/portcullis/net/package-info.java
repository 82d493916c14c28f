/// What Ethernet frames travel on: a [Link] is one end of a wire.
package dev.portcullis.net;
