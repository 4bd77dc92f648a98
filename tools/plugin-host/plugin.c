// SPDX-License-Identifier: GPL-2.0
/* Plug-ins: shared objects, each of them loaded and created once. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

typedef OSStatus (*create_function)(const AuthorizationCallbacks *,
				    AuthorizationPluginRef *,
				    const AuthorizationPluginInterface **);

static struct plugin *plugins;

static bool is_complete(const AuthorizationPluginInterface *interface)
{
	return interface &&
	       interface->version == kAuthorizationPluginInterfaceVersion &&
	       interface->PluginDestroy && interface->MechanismCreate &&
	       interface->MechanismInvoke && interface->MechanismDeactivate &&
	       interface->MechanismDestroy;
}

/* Returns why not, or NULL. */
static const char *plugin_create(struct plugin *plugin)
{
	static char why[64];
	void *object = dlopen(plugin->path, RTLD_NOW | RTLD_LOCAL);
	create_function create;
	OSStatus status;

	if (!object)
		return dlerror();
	*(void **)&create = dlsym(object, "AuthorizationPluginCreate");
	if (!create)
		return "it has no AuthorizationPluginCreate";
	status = create(&callbacks, &plugin->ref, &plugin->interface);
	if (status) {
		snprintf(why, sizeof(why),
			 "AuthorizationPluginCreate returned %d", status);
		return why;
	}
	if (!is_complete(plugin->interface))
		return "its interface is not whole, or of another version";
	plugin->made = true;
	return NULL;
}

struct plugin *plugin_get(const char *path, const char **ret_why)
{
	struct plugin *plugin;

	for (plugin = plugins; plugin; plugin = plugin->next)
		if (!strcmp(plugin->path, path))
			break;
	if (plugin) {
		*ret_why = "it could not be created before";
		return plugin->made ? plugin : NULL;
	}
	*ret_why = "no memory";
	plugin = calloc(1, sizeof(*plugin));
	if (!plugin)
		return NULL;
	plugin->path = strdup(path);
	if (!plugin->path) {
		free(plugin);
		return NULL;
	}
	plugin->next = plugins;
	plugins = plugin;
	*ret_why = plugin_create(plugin);
	return plugin->made ? plugin : NULL;
}

void plugins_destroy(void)
{
	struct plugin *plugin;

	for (plugin = plugins; plugin; plugin = plugin->next)
		if (plugin->made)
			plugin->interface->PluginDestroy(plugin->ref);
}
