/// A host on a wire: addresses, ARP, ping, UDP and TCP for software in this process. Whatever
/// arrives, memory and work stay bounded.
package dev.portcullis.net.host;
