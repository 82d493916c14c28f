/// What both ends of a connection do alike: cutting the stream into messages.
package dev.portcullis.vfiouser.transport;
