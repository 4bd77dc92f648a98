/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BOOTSTRAP_SCRIPT_PLUGIN_H
#define BOOTSTRAP_SCRIPT_PLUGIN_H

/* What the plug-in was called for; its tests make it, for all to write to. */
#define CALLS "/tmp/calls"

/* Others are made of it that cannot be used. */
#ifndef INTERFACE_VERSION
#define INTERFACE_VERSION kAuthorizationPluginInterfaceVersion
#endif
#ifndef CREATE_STATUS
#define CREATE_STATUS errAuthorizationSuccess
#endif

#endif
