// All that the tour needs of Node.
declare const process: { argv: string[] };
