// SPDX-License-Identifier: MIT
/* Looks things up in a run's settings. */
#include "config.h"

#include <string.h>

const char *lab_config_image(const struct lab_config *config, const char *id)
{
	size_t length = strlen(id);

	for (size_t i = 0; i < config->images.count; i++) {
		const char *image = config->images.list[i];

		if (strncmp(image, id, length) == 0 && image[length] == '=')
			return image + length + 1;
	}
	return NULL;
}
