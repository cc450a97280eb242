/* SPDX-License-Identifier: MIT */
/*
 * XML read with expat, within limits: no entities of the document's own (they are how XML bombs
 * are made), a bounded depth, nothing fetched from anywhere.
 */
#ifndef P2P_SOURCES_XML_H
#define P2P_SOURCES_XML_H

#include "source.h"
#include "span.h"

struct p2p_xml;

/** An element begins. `attributes`: name, value, name, value, …, NULL. 0 or -errno. */
typedef int p2p_xml_start(struct p2p_xml *xml, const char *name, const char **attributes);

struct p2p_xml {
	const struct p2p_input *input;
	struct p2p_machine *machine;
	p2p_xml_start *start;
	void *context;
	unsigned int depth;
	/* By depth: the PCI node that an element lies in, and the nearest bridge (or host bridge).
	 */
	p2p_node inside[P2P_XML_DEPTH_MAX + 1];
	p2p_node below[P2P_XML_DEPTH_MAX + 1];
	uint32_t functions;

	/* For xml.c only. */
	struct XML_ParserStruct *parser;
	int rc;
	const char *refused;
};

/**
 * Reads `xml->input`. When it is malformed after some functions were read, these stay, with a
 * warning. 0, -EBADMSG or what `start` returned.
 */
int p2p_xml_read(struct p2p_xml *xml, struct p2p_error *error);

/** An attribute's value, or an empty span with text NULL. */
struct p2p_span p2p_xml_attribute(const char **attributes, const char *name);

/** The line being read, for messages. */
unsigned long p2p_xml_line(const struct p2p_xml *xml);

/** Adds a function that lies in the element begun last. 0, or -errno for good; doubles warn. */
int p2p_xml_add(struct p2p_xml *xml, struct p2p_node_info *info);

/** The part of a text that is XML with that element at its root ("<topology"). */
struct p2p_input p2p_xml_document(const struct p2p_input *input, const char *element);

/** Whether such an element is in the text. */
bool p2p_xml_has(const struct p2p_input *input, const char *element);

#endif
