// The adsorbates that tasks may name, as part of the program: a task process has no folder of resources.
import { ADSORBATES, adsorbateFileSchema } from '../../contracts/adsorbate.ts';
import type { AdsorbateFile, AdsorbateName } from '../../contracts/adsorbate.ts';
import argon from '../../resources/adsorbates/Ar.json' with { type: 'json' };
import methaneTraPPE from '../../resources/adsorbates/CH4_TraPPE.json' with { type: 'json' };
import carbonDioxideTraPPE from '../../resources/adsorbates/CO2_TraPPE.json' with { type: 'json' };
import waterSPCE from '../../resources/adsorbates/H2O_SPCE.json' with { type: 'json' };
import waterTIP4P2005 from '../../resources/adsorbates/H2O_TIP4P-2005.json' with { type: 'json' };
import waterTIP4P from '../../resources/adsorbates/H2O_TIP4P.json' with { type: 'json' };
import helium from '../../resources/adsorbates/He.json' with { type: 'json' };
import hydrogenDarkrim from '../../resources/adsorbates/H2_Darkrim.json' with { type: 'json' };
import nitrogenTraPPE from '../../resources/adsorbates/N2_TraPPE.json' with { type: 'json' };
import xenon from '../../resources/adsorbates/Xe.json' with { type: 'json' };

const FILES: Readonly<Record<(typeof ADSORBATES)[AdsorbateName], unknown>> = {
  Ar: argon,
  CH4_TraPPE: methaneTraPPE,
  CO2_TraPPE: carbonDioxideTraPPE,
  H2O_SPCE: waterSPCE,
  'H2O_TIP4P-2005': waterTIP4P2005,
  H2O_TIP4P: waterTIP4P,
  H2_Darkrim: hydrogenDarkrim,
  He: helium,
  N2_TraPPE: nitrogenTraPPE,
  Xe: xenon,
};

export function knownAdsorbate(name: AdsorbateName): AdsorbateFile {
  return adsorbateFileSchema.parse(FILES[ADSORBATES[name]]);
}
