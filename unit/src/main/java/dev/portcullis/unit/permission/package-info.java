/// Which host memory a device may reach with addresses it has been given: the check of translated
/// requests.
package dev.portcullis.unit.permission;
