// The chart's box in pixels and its font size, kept up to date. Before it can be measured (while
// prerendering, or hidden) a fallback stands in.

import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { type Box, fallbackBox } from './layout';

/** `probe` is one em wide, so a theme that changes only the font size is noticed as well. */
export function useBox(
  plot: RefObject<HTMLElement | null>,
  probe: RefObject<HTMLElement | null>,
  compact: boolean,
): Box {
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    const element = plot.current;
    const one = probe.current;
    if (!element || !one) return;
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      const em = one.getBoundingClientRect().width;
      if (width < 1 || height < 1 || em < 1) return;
      setBox((old) =>
        old?.width === width && old.height === height && old.em === em
          ? old
          : { width, height, em },
      );
    };
    measure();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(one);
    return () => observer.disconnect();
  }, [plot, probe]);
  const fallback = useMemo(() => fallbackBox(compact), [compact]);
  return box ?? fallback;
}
