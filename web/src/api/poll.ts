/** How often the console asks for news, in milliseconds. */
export const pollMs = 5_000;
/** How often it asks for numbers that change slowly and cost more. */
export const slowPollMs = 30_000;
