/// The structures in memory that tell a unit where requests go.
package dev.portcullis.spec.table;
