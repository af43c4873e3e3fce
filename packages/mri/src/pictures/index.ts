export { type ColourMap, type ColourMapName, colourMap, colourMapNames, levelOf } from './colourMap.js';
export { notFiniteColour, paint, type Window } from './paint.js';
