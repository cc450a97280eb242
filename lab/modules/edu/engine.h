/* SPDX-License-Identifier: GPL-2.0-only */
/* The DMA engine: registers, interrupt, one transfer at a time. */
#ifndef EDU_ENGINE_H
#define EDU_ENGINE_H

#include <linux/pci.h>
#include <linux/types.h>
#include <linux/wait.h>

/* A transfer of the whole buffer, 4096 bytes, aborts QEMU 7.2. */
#define EDU_PIECE 4088

struct edu_engine {
	struct pci_dev *pdev;
	void __iomem *registers;
	wait_queue_head_t ended;
	int irq;                 /* 0: ask the engine again and again */
	unsigned long transfers; /* that ended; read without any lock */
	bool hung;
};

int edu_engine_start(struct edu_engine *engine, struct pci_dev *pdev, bool interrupts);
void edu_engine_stop(struct edu_engine *engine);

/* Both: @at + @length <= EDU_PIECE; the caller makes sure that nobody else uses the engine. */
int edu_engine_load(struct edu_engine *engine, u32 at, dma_addr_t from, u32 length);
int edu_engine_store(struct edu_engine *engine, dma_addr_t to, u32 at, u32 length);

#endif
