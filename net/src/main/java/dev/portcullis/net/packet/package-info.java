/// What frames contain: headers, their fields and their checksums.
package dev.portcullis.net.packet;
