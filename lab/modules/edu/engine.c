// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's "edu" as a DMA engine. Registers and their behaviour: QEMU's docs/specs/edu.txt and
 * hw/misc/edu.c. A transfer goes between the bus and the engine's own buffer, and takes 100 ms
 * whatever its length.
 */
#include "engine.h"

#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>

#define REGISTER_ID          0x00
#define REGISTER_IRQ_STATUS  0x24
#define REGISTER_IRQ_ACK     0x64
#define REGISTER_SOURCE      0x80
#define REGISTER_DESTINATION 0x88
#define REGISTER_COUNT       0x90
#define REGISTER_COMMAND     0x98

#define ID      0xed /* in the low byte, below the version */
#define ID_MASK 0xff

#define COMMAND_RUN   0x1
#define COMMAND_STORE 0x2 /* from the buffer to the bus */
#define COMMAND_IRQ   0x4

#define BUFFER 0x40000 /* where the engine's buffer lies to the engine */

/* A busy host emulates slowly. */
#define PATIENCE_MS 10000
#define POLL_US     5000

static irqreturn_t edu_interrupt(int irq, void *data)
{
	struct edu_engine *engine = data;
	u32 status = readl(engine->registers + REGISTER_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, engine->registers + REGISTER_IRQ_ACK);
	wake_up(&engine->ended);
	return IRQ_HANDLED;
}

/* A register of a device that was pulled out reads as zeros or ones. */
static bool edu_present(struct edu_engine *engine)
{
	return (readl(engine->registers + REGISTER_ID) & ID_MASK) == ID;
}

/* Messages only: without them the wire may be shared, and polling does as well. */
static void edu_take_interrupt(struct edu_engine *engine)
{
	struct pci_dev *pdev = engine->pdev;

	if (pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI) < 0)
		return;
	engine->irq = pci_irq_vector(pdev, 0);
	if (!request_irq(engine->irq, edu_interrupt, 0, dev_name(&pdev->dev), engine))
		return;
	pci_free_irq_vectors(pdev);
	engine->irq = 0;
}

/**
 * edu_engine_start - gets the engine ready
 * @engine: to be filled
 * @pdev: the function, enabled; its BAR 0 is mapped until the driver leaves it
 * @interrupts: whether to use them where the function has them
 *
 * Return: 0, or a negative errno: -ENODEV if this is not an edu.
 */
int edu_engine_start(struct edu_engine *engine, struct pci_dev *pdev, bool interrupts)
{
	engine->pdev = pdev;
	engine->registers = pcim_iomap_table(pdev)[0];
	init_waitqueue_head(&engine->ended);
	if (!edu_present(engine))
		return -ENODEV;
	if (interrupts)
		edu_take_interrupt(engine);
	pci_set_master(pdev);
	return 0;
}

/**
 * edu_engine_stop - undoes edu_engine_start(); nothing must be running
 * @engine: the engine
 */
void edu_engine_stop(struct edu_engine *engine)
{
	pci_clear_master(engine->pdev);
	if (!engine->irq)
		return;
	free_irq(engine->irq, engine);
	pci_free_irq_vectors(engine->pdev);
}

static bool edu_running(struct edu_engine *engine)
{
	return readq(engine->registers + REGISTER_COMMAND) & COMMAND_RUN;
}

static void edu_wait(struct edu_engine *engine)
{
	bool running;

	if (engine->irq)
		wait_event_timeout(engine->ended, !edu_running(engine),
				   msecs_to_jiffies(PATIENCE_MS));
	else
		read_poll_timeout(edu_running, running, !running, POLL_US, PATIENCE_MS * 1000,
				  false, engine);
}

/*
 * The caller takes the memory away when this returns, so a transfer that may still be running is
 * cut off from the bus, and the engine is not used again.
 */
static int edu_transfer(struct edu_engine *engine, u64 from, u64 to, u32 length, u64 command)
{
	if (engine->hung)
		return -EIO;
	/* The engine takes each of these registers with one write only. */
	writeq(from, engine->registers + REGISTER_SOURCE);
	writeq(to, engine->registers + REGISTER_DESTINATION);
	writeq(length, engine->registers + REGISTER_COUNT);
	writeq(COMMAND_RUN | command | (engine->irq ? COMMAND_IRQ : 0),
	       engine->registers + REGISTER_COMMAND);
	edu_wait(engine);
	if (!edu_present(engine))
		return -ENODEV;
	if (!edu_running(engine)) {
		WRITE_ONCE(engine->transfers, engine->transfers + 1);
		return 0;
	}
	pci_clear_master(engine->pdev);
	engine->hung = true;
	dev_err(&engine->pdev->dev, "a DMA did not end in %u s; bind its driver anew\n",
		PATIENCE_MS / 1000);
	return -EIO;
}

/**
 * edu_engine_load - memory to the engine's buffer
 * @engine: the engine
 * @at: where to in the buffer
 * @from: the memory, as this function sees it
 * @length: bytes
 *
 * Return: 0, -ENODEV: the device is gone, -EIO: it hung. It touches the memory no more in any case.
 */
int edu_engine_load(struct edu_engine *engine, u32 at, dma_addr_t from, u32 length)
{
	return edu_transfer(engine, from, BUFFER + at, length, 0);
}

/**
 * edu_engine_store - the engine's buffer to memory
 * @engine: the engine
 * @to: the memory, as this function sees it
 * @at: where from in the buffer
 * @length: bytes
 *
 * Return: as edu_engine_load().
 */
int edu_engine_store(struct edu_engine *engine, dma_addr_t to, u32 at, u32 length)
{
	return edu_transfer(engine, BUFFER + at, to, length, COMMAND_STORE);
}
