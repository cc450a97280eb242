// SPDX-License-Identifier: MIT
/*
 * The figures: for each device and process, bytes by direction and by whose memory it was.
 */
#include "rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

uint32_t p2p_watch_rows_get(struct p2p_watch_rows *rows, uint32_t device, uint32_t process)
{
	/* Who is at work now came last. */
	for (uint32_t i = rows->count; i--;)
		if (rows->list[i].device == device && rows->list[i].process == process)
			return i;
	if (!p2p_grow((void **)&rows->list, rows->count, &rows->room, sizeof(*rows->list)))
		return P2P_WATCH_NONE;
	rows->list[rows->count] =
		(struct p2p_watch_figures){ .device = device, .process = process };
	return rows->count++;
}

static int credit_peer(struct p2p_watch_figures *row, uint32_t provider,
		       enum p2p_watch_direction direction, uint64_t bytes)
{
	uint32_t i = 0;

	while (i < row->peer_count && row->peers[i].provider != provider)
		i++;
	if (i == row->peer_count) {
		if (!p2p_grow((void **)&row->peers, i, &row->peer_room, sizeof(*row->peers)))
			return -ENOMEM;
		row->peers[row->peer_count++] = (struct p2p_watch_row_peer){ .provider = provider };
	}
	row->peers[i].bytes[direction] += bytes;
	return 0;
}

int p2p_watch_rows_credit(struct p2p_watch_figures *row, uint32_t provider,
			  enum p2p_watch_direction direction, uint64_t bytes, uint64_t *remaining)
{
	if (bytes > *remaining)
		bytes = *remaining;
	*remaining -= bytes;
	if (!bytes)
		return 0;
	if (provider != P2P_WATCH_NONE)
		return credit_peer(row, provider, direction, bytes);
	row->host[direction] += bytes;
	return 0;
}

void p2p_watch_rows_free(struct p2p_watch_rows *rows)
{
	for (uint32_t i = 0; i < rows->count; i++)
		free(rows->list[i].peers);
	free(rows->list);
}

static struct p2p_watch_bytes bytes_of(const struct p2p_watch_figures *row,
				       enum p2p_watch_direction direction)
{
	struct p2p_watch_bytes bytes = { .total = row->total[direction],
					 .host = row->host[direction] };

	for (uint32_t i = 0; i < row->peer_count; i++)
		bytes.peers += row->peers[i].bytes[direction];
	bytes.unseen = bytes.total - bytes.host - bytes.peers;
	return bytes;
}

static int write_peers(const struct p2p_watch_figures *row, const struct p2p_watch_names *providers,
		       struct p2p_watch_row *out)
{
	struct p2p_watch_peer *peers = calloc(row->peer_count + 1, sizeof(*peers));

	if (!peers)
		return -ENOMEM;
	out->peers = peers;
	for (; out->peer_count < row->peer_count; out->peer_count++) {
		const struct p2p_watch_row_peer *peer = &row->peers[out->peer_count];

		peers[out->peer_count] = (struct p2p_watch_peer){
			.provider = strdup(providers->list[peer->provider].text),
			.read = peer->bytes[P2P_WATCH_READ],
			.written = peer->bytes[P2P_WATCH_WRITE],
		};
		if (!peers[out->peer_count].provider)
			return -ENOMEM;
	}
	return 0;
}

static int write_row(const struct p2p_watch_figures *row, const struct p2p_watch_names *devices,
		     const struct p2p_watch_names *providers, const struct p2p_watch_tasks *tasks,
		     struct p2p_watch_row *out)
{
	const struct p2p_watch_name *device = &devices->list[row->device];
	const struct p2p_watch_process *process = &tasks->processes[row->process];

	*out = (struct p2p_watch_row){
		.device = strdup(device->text),
		.name = strdup(device->label),
		.process = (int32_t)process->pid,
		.command = strdup(process->command),
		.requests = row->requests,
		.read = bytes_of(row, P2P_WATCH_READ),
		.written = bytes_of(row, P2P_WATCH_WRITE),
	};
	if (!out->device || !out->name || !out->command)
		return -ENOMEM;
	return write_peers(row, providers, out);
}

int p2p_watch_rows_write(const struct p2p_watch_rows *rows, const struct p2p_watch_names *devices,
			 const struct p2p_watch_names *providers,
			 const struct p2p_watch_tasks *tasks, struct p2p_watch_snapshot *snapshot)
{
	struct p2p_watch_row *list = calloc(rows->count + 1, sizeof(*list));
	int rc = list ? 0 : -ENOMEM;

	snapshot->rows = list;
	for (uint32_t i = 0; i < rows->count && !rc; i++)
		if (rows->list[i].process != P2P_WATCH_NONE)
			rc = write_row(&rows->list[i], devices, providers, tasks,
				       &list[snapshot->row_count++]);
	return rc;
}

/* The caller of the library may not change them; they are the library's own. */
static void drop(const void *memory)
{
	free((void *)(uintptr_t)memory);
}

void p2p_watch_rows_drop(struct p2p_watch_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->row_count; i++) {
		const struct p2p_watch_row *row = &snapshot->rows[i];

		for (size_t j = 0; j < row->peer_count; j++)
			drop(row->peers[j].provider);
		drop(row->peers);
		drop(row->device);
		drop(row->name);
		drop(row->command);
	}
	drop(snapshot->rows);
}
