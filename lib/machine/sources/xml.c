// SPDX-License-Identifier: MIT
/*
 * XML read with expat, within limits.
 */
#include <p2pmem/text.h>
#include "xml.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>

static void refuse(struct p2p_xml *xml, int rc, const char *why)
{
	xml->rc = rc;
	xml->refused = why;
	XML_StopParser(xml->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct p2p_xml *xml = data;
	int rc;

	if (xml->depth == P2P_XML_DEPTH_MAX) {
		refuse(xml, -EBADMSG, "elements too deep inside each other");
		return;
	}
	xml->depth++;
	xml->inside[xml->depth] = xml->inside[xml->depth - 1];
	xml->below[xml->depth] = xml->below[xml->depth - 1];
	rc = xml->start(xml, name, attributes);
	if (rc)
		refuse(xml, rc, strerror(-rc));
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct p2p_xml *xml = data;

	(void)name;
	xml->depth--;
}

static void XMLCALL on_entity(void *data, const XML_Char *name, int is_parameter,
			      const XML_Char *value, int length, const XML_Char *base,
			      const XML_Char *system, const XML_Char *public,
			      const XML_Char *notation)
{
	(void)name;
	(void)is_parameter;
	(void)value;
	(void)length;
	(void)base;
	(void)system;
	(void)public;
	(void)notation;
	refuse(data, -EBADMSG, "it defines entities, which no topology needs");
}

static int failed(struct p2p_xml *xml, struct p2p_error *error)
{
	const char *why =
		xml->refused ? xml->refused : XML_ErrorString(XML_GetErrorCode(xml->parser));

	if (xml->rc && xml->rc != -EBADMSG)
		return p2p_error_set(error, xml->rc, "%s:%lu: %s", xml->input->path,
				     p2p_xml_line(xml), why);
	if (!xml->functions || xml->refused)
		return p2p_error_set(error, -EBADMSG, "%s:%lu: %s; save the file again",
				     xml->input->path, p2p_xml_line(xml), why);
	p2p_build_warn(xml->machine, "%s:%lu: %s; what comes after it is missing", xml->input->path,
		       p2p_xml_line(xml), why);
	return 0;
}

static bool is_wide(const struct p2p_input *input)
{
	struct p2p_span head = { input->data, input->size < 100 ? input->size : 100 };

	return p2p_span_after(head, "UTF-16").text || p2p_span_after(head, "utf-16").text;
}

int p2p_xml_read(struct p2p_xml *xml, struct p2p_error *error)
{
	int rc = 0;

	/* UTF-16 has become UTF-8 by now, whatever the prologue says. */
	xml->parser = XML_ParserCreate(is_wide(xml->input) ? "UTF-8" : NULL);
	if (!xml->parser)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", xml->input->path);
	xml->inside[0] = P2P_NO_NODE;
	xml->below[0] = P2P_NO_NODE;
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetEntityDeclHandler(xml->parser, on_entity);
	/* The file is at most P2P_FILE_MAX, so its size is an int. */
	if (XML_Parse(xml->parser, xml->input->data, (int)xml->input->size, XML_TRUE) !=
	    XML_STATUS_OK)
		rc = failed(xml, error);
	XML_ParserFree(xml->parser);
	/* These files list what their writer cared for, mostly not all of a root bus. */
	p2p_fabric_set_partial(xml->machine->builder);
	return rc;
}

struct p2p_span p2p_xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return p2p_span(attributes[1]);
	return (struct p2p_span){ NULL, 0 };
}

unsigned long p2p_xml_line(const struct p2p_xml *xml)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
	return XML_GetCurrentLineNumber64(xml->parser); /* which deprecates the other one */
#else
	return XML_GetCurrentLineNumber(xml->parser);
#endif
}

/* What lies in an element that names a function once more lies in the function. */
static int seen_before(struct p2p_xml *xml, const struct p2p_node_info *info)
{
	p2p_node node = p2p_fabric_added(xml->machine->builder, info->bdf);
	char bdf[P2P_BDF_TEXT];

	p2p_build_warn(xml->machine, "%s:%lu: %s is there already; both are taken for one",
		       xml->input->path, p2p_xml_line(xml), p2p_bdf_text(info->bdf, bdf));
	xml->inside[xml->depth] = node;
	if (info->kind == P2P_KIND_BRIDGE)
		xml->below[xml->depth] = node;
	return 0;
}

int p2p_xml_add(struct p2p_xml *xml, struct p2p_node_info *info)
{
	p2p_node node;
	int rc;

	if (xml->functions == P2P_FUNCTIONS_MAX)
		return -EFBIG;
	info->parent = xml->below[xml->depth];
	rc = p2p_build_add(xml->machine, info, &node);
	if (rc == -EEXIST)
		return seen_before(xml, info);
	if (rc)
		return rc;
	xml->functions++;
	xml->inside[xml->depth] = node;
	if (info->kind == P2P_KIND_BRIDGE)
		xml->below[xml->depth] = node;
	return 0;
}

static struct p2p_span find_element(const struct p2p_input *input, const char *start)
{
	struct p2p_span rest = { input->data, input->size };
	size_t length = strlen(start);

	for (;;) {
		struct p2p_span found = p2p_span_after(rest, start);

		if (!found.text)
			return found;
		if (found.length && found.text[0] && strchr(" \t\r\n/>", found.text[0]))
			return (struct p2p_span){ found.text - length, found.length + length };
		rest = found;
	}
}

bool p2p_xml_has(const struct p2p_input *input, const char *element)
{
	return find_element(input, element).text;
}

/* Up to the last end of the element; what comes behind it is not of the document. */
static size_t end_of(struct p2p_span document, const char *element)
{
	char end[32];
	int length = snprintf(end, sizeof(end), "</%s>", element + 1);
	struct p2p_span rest = document, last = { NULL, 0 };

	for (rest = p2p_span_after(rest, end); rest.text; rest = p2p_span_after(rest, end))
		last = rest;
	return length > 0 && last.text ? (size_t)(last.text - document.text) : document.length;
}

struct p2p_input p2p_xml_document(const struct p2p_input *input, const char *element)
{
	struct p2p_span all = p2p_span_trim((struct p2p_span){ input->data, input->size });
	size_t before = (size_t)(all.text - input->data);
	struct p2p_span found = find_element(input, element);
	struct p2p_input document = *input;

	/* Lines are counted to the last. */
	all.length = input->size - before;
	/* A prologue may say how it is written, and declare what must be refused. */
	if (!p2p_span_starts(all, "<") || !found.text)
		all = found;
	document.data = all.text;
	document.size = end_of(all, element);
	return document;
}
