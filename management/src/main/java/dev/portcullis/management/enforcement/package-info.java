/// The policy enforcement point (PEP, RFC 2753): how much of the network each partition has. Others
/// decide; what is in force is the strictest that any of them demands.
package dev.portcullis.management.enforcement;
