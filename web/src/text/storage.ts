import type { Coverage } from "../api/statistics";

type Trouble = Exclude<Coverage["storage_state"], "ok">;

/** The mail store's states that are not well, in words. */
export const storageTitles: Record<Trouble, string> = {
  disk_full: "The disk is full: no new mail is stored",
  unreadable: "The mail store cannot be read",
  unknown: "How the mail store stands is not known",
};

export const storageTexts: Record<Trouble, string> = {
  disk_full: "What is stored can still be read. Mail that comes stays at the provider and is read as soon as there is room again.",
  unreadable: "Neither reading nor analysis works until the operator of this installation has mended it.",
  unknown: "It has not reported for a minute.",
};
