/// The fault log and the unit's messages, read as software reads them.
package dev.portcullis.kit.fault;
