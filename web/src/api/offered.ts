import type { operations } from "./schema";
import { planned } from "./planned";

/** Whether the server answers an operation of the contract. Pages, buttons and links of one that it does not are left out. */
export const offers = (operation: keyof operations): boolean => !planned.includes(operation);
